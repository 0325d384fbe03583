/**
 * The part of playwright-core that is used here, in its own words. Its own types can't be: they would make it one of the
 * packages that everybody fetches (`own_packages.ts`).
 * @module
 */

export interface Playwright {
  chromium: { launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser> };
}

export interface Browser extends AsyncDisposable {
  newContext(options: ContextOptions): Promise<Context>;
}

export interface ContextOptions {
  viewport?: { width: number; height: number };
  reducedMotion?: "reduce";
  deviceScaleFactor?: number;
  ignoreHTTPSErrors?: true;
}

export interface Context {
  newPage(): Promise<Page>;
  newCDPSession(page: Page): Promise<CdpSession>;
  setDefaultTimeout(ms: number): void;
  close(): Promise<void>;
}

/** Chrome's own protocol, of which the bench asks for figures. */
export interface CdpSession {
  send(method: "Performance.enable"): Promise<unknown>;
  send(method: "Performance.getMetrics"): Promise<{ metrics: { name: string; value: number }[] }>;
  detach(): Promise<void>;
}

interface Queries {
  locator(selector: string, options?: { hasText?: string | RegExp }): Locator;
  getByRole(role: string, options?: RoleOptions): Locator;
  getByText(text: string | RegExp, options?: { exact?: boolean }): Locator;
  getByLabel(text: string | RegExp, options?: { exact?: boolean }): Locator;
}

interface RoleOptions {
  name?: string | RegExp;
  exact?: boolean;
  level?: number;
}

interface WaitOptions {
  timeout?: number;
}

export interface Page extends Queries {
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  readonly mouse: { move(x: number, y: number): Promise<void>; down(): Promise<void>; up(): Promise<void> };
  on(event: "console", listen: (message: ConsoleMessage) => void): void;
  on(event: "pageerror", listen: (error: Error) => void): void;
  on(event: "request", listen: (request: { url(): string }) => void): void;
  on(event: "dialog", listen: (dialog: { message(): string; dismiss(): Promise<void> }) => void): void;
  goto(url: string, options?: { waitUntil: "load" }): Promise<unknown>;
  reload(): Promise<unknown>;
  url(): string;
  context(): Context;
  /** The value of an expression, as JSON gives it back. */
  evaluate<T>(expression: string): Promise<T>;
  waitForTimeout(ms: number): Promise<void>;
  emulateMedia(options: { colorScheme: "light" | "dark" }): Promise<void>;
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>;
}

export interface ConsoleMessage {
  type(): string;
  text(): string;
  location(): { url: string };
}

export interface Locator extends Queries {
  waitFor(options?: WaitOptions & { state?: "visible" | "detached" }): Promise<void>;
  first(): Locator;
  or(other: Locator): Locator;
  filter(options: { hasText: string | RegExp }): Locator;
  click(): Promise<void>;
  fill(text: string): Promise<void>;
  selectOption(value: string): Promise<unknown>;
  count(): Promise<number>;
  innerText(): Promise<string>;
  allInnerTexts(): Promise<string[]>;
  inputValue(): Promise<string>;
  hover(): Promise<void>;
  boundingBox(): Promise<{ x: number; y: number; width: number; height: number } | null>;
  setInputFiles(file: { name: string; mimeType: string; buffer: Uint8Array }): Promise<void>;
  scrollIntoViewIfNeeded(): Promise<void>;
}
