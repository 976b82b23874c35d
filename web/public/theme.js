// Sets the remembered theme before the first paint; a file of its own because the policy forbids inline scripts.
try {
  const theme = localStorage.getItem("tenfold.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be blocked; the system's theme is used then.
}
// The sign-in has no header, so none is shown before it.
if (location.pathname === "/sign-in") document.documentElement.dataset.boot = "bare";
