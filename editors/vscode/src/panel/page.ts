/**
 * The panel's HTML: a bare page that may load our own script and style and nothing else. No other address, no inline
 * handler, no image. What stands in it is drawn by `webview/panel.ts`.
 */

export interface Addresses {
  readonly script: string;
  readonly style: string;
  /** Of a cryptographic source, made anew for each page. */
  readonly nonce: string;
}

export function page({ script, style, nonce }: Addresses): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" nonce="${nonce}" href="${escaped(style)}">
<title>Discussion</title>
</head>
<body>
<div id="panel"></div>
<script nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>`;
}

function escaped(address: string): string {
  return address.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
}
