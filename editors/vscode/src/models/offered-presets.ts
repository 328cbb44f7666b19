/** Presets as models of the editor's: which are offered, and as what. Pure. */

import type { Preset } from "../wire.ts";

/** Our own models' vendor, as the manifest names it. */
export const VENDOR = "moa-lsp";

/** What is told of a model in VS Code's list. */
export interface PresetModel {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly version: string;
  readonly detail: string;
  readonly tooltip: string;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
  readonly capabilities: { readonly toolCalling: true };
}

/**
 * What fits into all models that people use today. Which models a preset asks, and what they take, can change with each
 * call, and the server says where something is too long; VS Code wants a number beforehand.
 */
const INPUT_TOKENS = 100_000;
const OUTPUT_TOKENS = 16_000;

/** The presets that can be asked as a model: none that can't be used, and none that would ask a preset in turn. */
export function offeredPresets(presets: readonly Preset[]): readonly PresetModel[] {
  return presets.filter((one) => one.problem === undefined && !asksPreset(one)).map(modelOf);
}

/** Whether a model's name, `VENDOR/FAMILY`, is that of a preset. */
export function isPreset(model: string): boolean {
  return model.startsWith(`${VENDOR}/`);
}

function asksPreset({ architects }: Preset): boolean {
  return architects.some(({ model }) => model.startsWith("vscode:") && isPreset(model.slice("vscode:".length)));
}

function modelOf({ name, title, shape, basis }: Preset): PresetModel {
  return {
    id: name,
    name: `moa ${name}`,
    family: name,
    version: "1",
    detail: shape,
    tooltip: [title, shape, basis].filter(Boolean).join("\n"),
    maxInputTokens: INPUT_TOKENS,
    maxOutputTokens: OUTPUT_TOKENS,
    capabilities: { toolCalling: true },
  };
}
