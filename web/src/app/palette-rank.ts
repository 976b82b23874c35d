/** Which commands of the palette fit what was typed, best first. Called by the palette at every key; pure. */

export interface Ranked {
  label: string;
  /** Other words people look for it by. */
  words: string;
}

/** How well one typed word fits a command; a word that fits nowhere rules the command out. */
const FIT = { labelStart: 8, wordStart: 6, inLabel: 4, otherStart: 3, inOther: 2, letters: 1 } as const;

/** Case, accents and compatibility forms make no difference. */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

const wordsOf = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");

/** The commands that fit every typed word; equals keep their order. Nothing typed: all of them. */
export function rankCommands<T extends Ranked>(commands: readonly T[], typed: string): T[] {
  const words = plain(typed)
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [...commands];
  return commands
    .map((command, index) => ({ command, index, score: scoreOf(command, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ command }) => command);
}

function scoreOf(command: Ranked, typed: readonly string[]): number {
  const label = plain(command.label);
  const labelWords = wordsOf(label);
  const other = plain(command.words);
  const otherWords = wordsOf(other);
  let sum = 0;
  for (const word of typed) {
    const fit = label.startsWith(word)
      ? FIT.labelStart
      : labelWords.some((one) => one.startsWith(word))
        ? FIT.wordStart
        : label.includes(word)
          ? FIT.inLabel
          : otherWords.some((one) => one.startsWith(word))
            ? FIT.otherStart
            : other.includes(word)
              ? FIT.inOther
              : hasLetters(label, word)
                ? FIT.letters
                : 0;
    if (fit === 0) return 0;
    sum += fit;
  }
  return sum;
}

/** Fewer letters than this, scattered in a label, are found in nearly every label. */
const MIN_SCATTERED = 3;

/** The typed letters stand in the label in this order: "ovw" is Overview. */
function hasLetters(label: string, letters: string): boolean {
  if (letters.length < MIN_SCATTERED) return false;
  let at = 0;
  for (const letter of letters) {
    at = label.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
