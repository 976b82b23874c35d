/**
 * The OpenAPI document as one readable page: plain HTML, no script, nothing from elsewhere. Pure; called by routes/docs.ts.
 */
import type { OpenApiDocument } from "./document.ts";
import type { Json, Operation } from "./parts.ts";

/** The page's whole style; its hash stands in the page's Content-Security-Policy. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #1a6fb0; }
@media (prefers-color-scheme: dark) { :root { --accent: #6cb6f5; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 6rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; } h2 { margin: 2.5rem 0 .5rem; font-size: 1.2rem; text-transform: capitalize; }
code, pre { font: .875em/1.5 ui-monospace, monospace; } pre { overflow: auto; background: var(--soft); padding: .75rem; border-radius: 6px; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; padding: .6rem .9rem; }
summary { cursor: pointer; } summary b { color: var(--accent); display: inline-block; min-width: 3.2rem; }
summary span { opacity: .75; margin-left: .75rem; } details details { border-style: dashed; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line); }
`;

/** The page's HTML. */
export function docsPage(document: OpenApiDocument): string {
  const tags = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0] ?? "other";
      tags.set(tag, [...(tags.get(tag) ?? []), operationHtml(path, method, operation)]);
    }
  }
  const sections = [...tags].map(([tag, operations]) => `<h2>${escapeHtml(tag)}</h2>${operations.join("")}`);
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => schemaHtml(name, schema));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(document.info.title)}</title><style>${STYLE}</style></head>
<body><h1>${escapeHtml(document.info.title)} <small>${escapeHtml(document.info.version)}</small></h1>
<p>${escapeHtml(document.info.description).replaceAll("\n", "<br>")}</p>
<p>The same as a document for tools: <a href="/api/openapi.json">/api/openapi.json</a></p>
${sections.join("\n")}
<h2>Schemas</h2>${schemas.join("")}</body></html>`;
}

function operationHtml(path: string, method: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(parameterHtml).join("");
  const answers = Object.entries(operation.responses).map(([status, answer]) => answerHtml(status, answer));
  return `<details id="${escapeHtml(operation.operationId)}"><summary><b>${escapeHtml(method.toUpperCase())}</b> <code>${escapeHtml(path)}</code><span>${escapeHtml(operation.summary)}</span></summary>
${operation.description === undefined ? "" : `<p>${escapeHtml(operation.description)}</p>`}
<p>${escapeHtml(whoMay(operation))}</p>
${parameters === "" ? "" : `<table><tr><th>Parameter</th><th>In</th><th>What</th></tr>${parameters}</table>`}
${operation.requestBody === undefined ? "" : schemaHtml("Body", operation.requestBody.content)}
${answers.join("")}</details>`;
}

function whoMay(operation: Operation): string {
  const schemes = operation.security.flatMap((one) => Object.keys(one));
  return schemes.length === 0 ? "Needs no sign-in." : `Needs: ${schemes.join(" or ")}.`;
}

function parameterHtml(parameter: Json): string {
  const required = parameter.required === true ? " (required)" : "";
  const note = parameter.description === undefined ? "" : `${escapeHtml(String(parameter.description))}<br>`;
  return `<tr><td><code>${escapeHtml(String(parameter.name))}</code>${required}</td><td>${escapeHtml(String(parameter.in))}</td><td>${note}<code>${escapeHtml(JSON.stringify(parameter.schema))}</code></td></tr>`;
}

function answerHtml(status: string, answer: unknown): string {
  const { description = "", content } = answer as { description?: string; content?: unknown };
  return Number(status) >= 400
    ? `<p><b>${escapeHtml(status)}</b> <code>${escapeHtml(description)}</code></p>`
    : schemaHtml(`${status} ${description}`, content);
}

function schemaHtml(title: string, content: unknown): string {
  if (content === undefined) return `<p><b>${escapeHtml(title)}</b></p>`;
  return `<details><summary>${escapeHtml(title)}</summary><pre>${escapeHtml(JSON.stringify(content, null, 2))}</pre></details>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
