// Bundles the extension (for Node, `vscode` left to the editor) and the panel's page (for the browser) into dist/.
// `--watch` bundles anew at each change.
import { context } from "esbuild";

const release = !process.argv.includes("--watch");
const shared = { bundle: true, minify: release, sourcemap: release ? false : "linked", logLevel: "info", outdir: "dist" };

const bundles = await Promise.all([
  context({
    ...shared,
    entryPoints: { extension: "src/extension.ts" },
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode"],
  }),
  context({
    ...shared,
    entryPoints: { panel: "webview/panel.ts", style: "webview/panel.css" },
    platform: "browser",
    target: "es2022",
    format: "iife",
  }),
]);

if (release) {
  await Promise.all(bundles.map((bundle) => bundle.rebuild()));
  await Promise.all(bundles.map((bundle) => bundle.dispose()));
} else {
  await Promise.all(bundles.map((bundle) => bundle.watch()));
}
