/** Which commands open a pull request. */
import { expect, it } from "vitest";
import { opensPullRequest } from "../../../../workers/ingest/otlp/normalise/pull-request.ts";

it.each([
  "gh pr create",
  "  gh pr create --fill",
  "git push -u origin HEAD && gh pr create --title 'Add it' --body \"See; gh issue 1\"",
  "git push\ngh pr create",
  "GH_TOKEN=x NO_COLOR=1 gh pr create",
  "url=$(gh pr create --fill)",
  "git push || true; gh  pr  create",
])("opens one: %j", (command) => {
  expect(opensPullRequest(command)).toBe(true);
});

it.each([
  "echo gh pr create",
  "git commit -m 'gh pr create'",
  'git commit -m "one; gh pr create"',
  'git commit -m "a \\" ; gh pr create"',
  "cat <<'EOF' > howto.md\ngh pr create\nEOF\nls",
  "gh pr create --help",
  "gh pr create --dry-run --fill",
  "gh pr list; gh pr checkout 1",
  "# gh pr create",
  "ls # then; gh pr create",
  "gh pr created",
  "",
])("opens none: %j", (command) => {
  expect(opensPullRequest(command)).toBe(false);
});

it("looks at a long command no longer than at a short one", () => {
  const hostile = [";a=", '"\\"', "<<a\n", "'", "gh pr ", ";  "].map((part) => part.repeat(300_000));
  for (const command of hostile) {
    const started = performance.now();
    expect(opensPullRequest(`gh pr create --help ${command}`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(50);
  }
});
