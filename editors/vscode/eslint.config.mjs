// The rules beyond what the compiler's strict mode says.
import js from "@eslint/js";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["dist/", "node_modules/", "**/*.mjs"] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...ts.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { project: ["./tsconfig.json", "./webview/tsconfig.json"] } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      eqeqeq: "error",
      // node:test waits for its tests by itself.
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["describe", "it", "test"] }] },
      ],
      // Loaded when a server is started, and not before: it costs more than all the rest.
      "@typescript-eslint/no-restricted-imports": [
        "error",
        { patterns: [{ group: ["vscode-languageclient*"], message: "Only src/server/client.ts.", allowTypeImports: true }] },
      ],
      // The editor's disposables are any objects that can be disposed of.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
    },
  },
  { files: ["src/server/client.ts"], rules: { "@typescript-eslint/no-restricted-imports": "off" } },
);
