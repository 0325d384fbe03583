/**
 * The one place that says which Muster this is: `--version`, `/version`, `muster_build_info` and the handshake between
 * controller and agent all read it here. A release changes this line and `CHANGELOG.md`.
 * @module
 */

/** The version of all three programs, by semantic versioning. */
export const VERSION = "0.1.0";
