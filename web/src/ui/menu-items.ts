/** What a filter menu lists for a query: pure, used by filter-menu.tsx. */

export interface MenuItem {
  key: string;
  label: string;
  /** Undefined means any. */
  value: string | undefined;
}

/** Items shown at a time; searching narrows further. */
const MAX_ITEMS = 100;

/**
 * "Any" first (when nothing is searched), then the matching options in alphabetical order, the chosen one also when it
 * has not been seen, and last the typed text itself when no option equals it.
 */
export function menuItems(
  options: ReadonlySet<string>,
  chosen: string | undefined,
  query: string,
  nameOf: (option: string) => string,
): MenuItem[] {
  const wanted = query.trim().toLowerCase();
  const all = chosen === undefined || options.has(chosen) ? [...options] : [chosen, ...options];
  const matching = all
    .filter(
      (option) =>
        wanted === "" || nameOf(option).toLowerCase().includes(wanted) || option.toLowerCase().includes(wanted),
    )
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b), "en", { numeric: true }))
    .slice(0, MAX_ITEMS)
    .map((option) => ({ key: `option ${option}`, label: nameOf(option), value: option }));
  if (wanted === "") return [{ key: "any", label: "Any", value: undefined }, ...matching];
  const typed = query.trim();
  const known = all.some((option) => option === typed || nameOf(option).toLowerCase() === wanted);
  return known ? matching : [...matching, { key: "typed", label: `Use “${typed}”`, value: typed }];
}
