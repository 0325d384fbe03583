/**
 * What `/docs` can do beyond being read: search, copy, send a read and show what comes. As it runs in a browser it is a
 * text here; all that it shows of an answer goes in as text.
 * @module
 */

export const DOCS_JS = String.raw`"use strict";
document.documentElement.classList.add("script");
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const links = new Map(all("nav li a").map((link) => [link.hash.slice(1), link]));
const SHOWN_MAX = 50000;

const search = document.querySelector("#search");
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const operation of all(".operation")) {
    operation.hidden = !words.every((word) => operation.dataset.words.includes(word));
    const link = links.get(operation.id);
    if (link) link.parentElement.hidden = operation.hidden;
  }
  for (const chapter of all(".chapter")) {
    chapter.hidden = chapter.id === "schemas" ? words.length > 0 : !chapter.querySelector(".operation:not([hidden])");
  }
  for (const group of all("nav details")) group.hidden = words.length > 0 && !group.querySelector("li:not([hidden]) .method");
});
document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "/" && !isTyping) { event.preventDefault(); search.focus(); }
  if (event.key === "Escape" && event.target === search) { search.value = ""; search.dispatchEvent(new Event("input")); }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  await navigator.clipboard?.writeText(button.closest("figure").querySelector("pre").textContent);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
});

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  if (!form.matches(".try")) return;
  const result = form.querySelector(".result");
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const { name, value, dataset } of all("input", form)) {
    if (dataset.in === "path") path = path.replace("{" + name + "}", encodeURIComponent(value));
    else if (value !== "") query.set(name, value);
  }
  const token = document.querySelector("#token").value;
  const headers = token === "" ? {} : { authorization: "Bearer " + token };
  result.hidden = false;
  result.textContent = "…";
  try {
    const response = await fetch(path + (query.size > 0 ? "?" + query : ""), { headers });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type"));
    const shown = isJson ? JSON.stringify(JSON.parse(text), null, 2) : text;
    result.textContent = response.status + " " + response.statusText + "\n\n" + shown.slice(0, SHOWN_MAX);
  } catch (error) {
    result.textContent = "The controller can't be reached: " + error.message;
  }
});

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    for (const link of links.values()) link.removeAttribute("aria-current");
    links.get(target.id)?.setAttribute("aria-current", "true");
  }
}, { rootMargin: "0px 0px -80% 0px" });
for (const operation of all(".operation")) seen.observe(operation);
`;
