/**
 * The dashboard's entry in the browser: bundled by `scripts/web.ts`, served by the controller below `/ui`. What follows
 * is `app.tsx`.
 * @module
 */
import { render } from "preact";
import { App } from "./app.tsx";
import { startClock } from "./live/clock.ts";
import { startRouter } from "./router.ts";
import { startTheme } from "./theme.ts";

const root = document.getElementById("app");
if (root !== null) {
  startTheme();
  startClock();
  startRouter();
  render(<App />, root);
}
