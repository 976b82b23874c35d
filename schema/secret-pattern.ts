/**
 * The regular expression by which secret scanners find what must not stand in code: ingest keys of both classes and tokens of
 * programs. Documented in the README for GitHub's push protection, gitleaks and the like; a test holds it against both minters.
 */
export const SECRET_PATTERN =
  "\\b(?:tfp?_(?:us|eu|gl-us|gl-eu)|tft_(?:us|eu))_[a-z2-9]{16}_[a-z2-9]{32}[0-9a-f]{12}\\b";
