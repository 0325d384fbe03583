/**
 * The systems that Muster is built for. Their names are those of the folders in `dist/` and of `--target`.
 * @module
 */

/** A system that binaries are made for. */
export interface Target {
  /** Ours: `linux-x64`. */
  name: string;
  /** As `deno compile --target` calls it. */
  triple: string;
  /** What the names of programs end in there. */
  suffix: "" | ".exe";
  /** What else a host of that kind needs, by its path here: its installation, and the services. */
  extras: readonly string[];
}

const LINUX_EXTRAS = [
  "scripts/install.sh",
  "services/controller.service",
  "services/controller.env",
  "services/agent.service",
  "services/agent.env",
];

export const TARGETS: readonly Target[] = [
  { name: "linux-x64", triple: "x86_64-unknown-linux-gnu", suffix: "", extras: LINUX_EXTRAS },
  { name: "linux-arm64", triple: "aarch64-unknown-linux-gnu", suffix: "", extras: LINUX_EXTRAS },
  { name: "windows-x64", triple: "x86_64-pc-windows-msvc", suffix: ".exe", extras: ["scripts/install.ps1"] },
  { name: "macos-x64", triple: "x86_64-apple-darwin", suffix: "", extras: [] },
  { name: "macos-arm64", triple: "aarch64-apple-darwin", suffix: "", extras: [] },
];

/** The target that has this name, ours or Deno's. */
export function targetNamed(name: string): Target | undefined {
  return TARGETS.find((target) => target.name === name || target.triple === name);
}

/** The target that this machine is, when it is one of them. */
export function ownTarget(): Target | undefined {
  return targetNamed(Deno.build.target);
}
