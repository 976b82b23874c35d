/** Files made in the page. Called by csv.ts and by charts. */
/** Hands a file to the browser's downloads. */
export function download(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** Draws a chart's canvas on its surface's colour, with the title above. */
export function downloadPng(name: string, chart: HTMLElement): void {
  const canvas = chart.querySelector("canvas");
  if (canvas === null) return;
  const style = getComputedStyle(chart);
  const scale = canvas.width / Math.max(1, canvas.clientWidth);
  const head = Math.round(32 * scale);
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height + head;
  const context = copy.getContext("2d");
  if (context === null) return;
  context.fillStyle = style.getPropertyValue("--surface").trim();
  context.fillRect(0, 0, copy.width, copy.height);
  context.fillStyle = style.getPropertyValue("--text").trim();
  context.font = `600 ${Math.round(14 * scale)}px ${style.fontFamily}`;
  context.fillText(name, 12 * scale, 22 * scale);
  context.drawImage(canvas, 0, head);
  copy.toBlob((blob) => {
    if (blob !== null) download(`${fileName(name)}.png`, "image/png", blob);
  }, "image/png");
}

/** A name that every file system takes. */
export function fileName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "tenfold" : `tenfold-${plain}`;
}
