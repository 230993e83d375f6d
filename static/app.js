// What the pages gain with JavaScript; each of them works without. All words come from the page.
"use strict";

const announcer = document.createElement("p");
announcer.className = "visually-hidden";
announcer.setAttribute("role", "status");

let announcement;

/** Tell assistive tools, once the person has paused. */
function announce(text) {
  clearTimeout(announcement);
  announcement = setTimeout(() => (announcer.textContent = text), 700);
}

/** A new page starts at its errors, or at its title when it follows an act of the person. */
function focusStart() {
  const start = document.querySelector("#erreurs") ?? document.querySelector("[data-focus]");
  if (start && !location.hash) start.focus({ preventScroll: start.id !== "erreurs" });
}

/** Give a password field its show/hide button; what was shown is hidden again on submit. */
function addReveal(input) {
  const { show, hide, what, shown, hidden } = input.dataset;
  const button = document.createElement("button");
  const verb = document.createElement("span");
  const object = document.createElement("span");
  object.className = "visually-hidden";
  object.textContent = ` ${what}`;
  button.type = "button";
  button.className = "button button-secondary reveal";
  button.append(verb, object);

  const set = (visible) => {
    input.type = visible ? "text" : "password";
    verb.textContent = visible ? hide : show;
  };
  button.addEventListener("click", () => {
    set(input.type === "password");
    announce(input.type === "text" ? shown : hidden);
  });
  input.form.addEventListener("submit", () => set(false));
  addEventListener("pageshow", () => set(false));
  set(false);
  input.after(button);
}

/** The five requirements, as the server judges them; null: the server alone can tell. */
function judge(password, { minimum, maximum, specials, forbidden }) {
  const characters = [...password];
  const allowed = (char) => /[a-zA-Z0-9]/.test(char) || specials.includes(char);
  const digits = password.replace(/\D/g, "");
  const raw = password.toUpperCase();
  const parts = forbidden ? forbidden.split(" ") : [];
  return {
    length: characters.length >= Number(minimum) && characters.length <= Number(maximum),
    classes: /[a-z]/.test(password) && /[A-Z]/.test(password),
    digit_or_special: characters.some((char) => /[0-9]/.test(char) || specials.includes(char)),
    characters: characters.every(allowed),
    personal: forbidden ? !parts.some((part) => digits.includes(part) || raw.includes(part)) : null,
  };
}

/** 0, 1 or 2: an indication from length and variety; the server gives its own on submit. */
function strengthOf(password) {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(password)).length;
  const variety = new Set(password).size;
  if (password.length < 8 || variety < 6) return 0;
  return (password.length >= 12 && kinds >= 3 && variety >= 9) || (password.length >= 16 && variety >= 10) ? 2 : 1;
}

function showRule(item, met, words) {
  item.dataset.met = met === null ? "" : met ? "yes" : "no";
  const word = met === null ? words.later : met ? words.yes : words.no;
  item.querySelector(".rule-state").textContent = `(${word})`;
}

/** Say beside each requirement whether it is met while the person types. */
function followRules(input) {
  const list = document.getElementById(input.dataset.liveRules);
  const level = document.getElementById("niveau");
  const items = [...list.querySelectorAll("[data-rule]")];
  const blank = (item) => {
    item.dataset.met = "";
    item.querySelector(".rule-state").textContent = "";
  };
  input.addEventListener("input", () => {
    level.hidden = !input.value;
    if (!input.value) return items.forEach(blank);
    const verdict = judge(input.value, input.dataset);
    items.forEach((item) => showRule(item, verdict[item.dataset.rule], list.dataset));
    const strength = level.dataset.levels.split(" ")[strengthOf(input.value)];
    level.querySelector("strong").textContent = strength;
    const met = items.filter((item) => item.dataset.met === "yes").length;
    announce(`${met} ${level.dataset.summary} ${items.length}. ${level.textContent}`);
  });
}

/** Warn two minutes before the session ends by itself, and say so when it has. */
function watchSession(dialog) {
  const all = (selector) => [...dialog.querySelectorAll(selector)];
  const [said, over] = ["[data-said]", "[data-over]"].map((part) => dialog.querySelector(part));
  // Between tabs of this browser: how long is left, nothing of the person.
  const tabs = self.BroadcastChannel && new BroadcastChannel(dialog.dataset.askedAt);
  const warned = 120;
  let end, last, closed, lastSaid;

  const left = () => Math.ceil((end - Date.now()) / 1000);
  const show = (state) => all("[data-while]").forEach((part) => (part.hidden = part.dataset.while !== state));
  const words = (seconds) => {
    const { minute, minutes, secondsWord } = dialog.dataset;
    if (seconds < 60) return `${seconds}\u00a0${secondsWord}`;
    return `${Math.ceil(seconds / 60)}\u00a0${seconds > 60 ? minutes : minute}`;
  };
  const learn = ({ idle, whole }) => {
    end = Date.now() + Number(idle) * 1000;
    last = Number(whole) <= Number(idle);
    if (left() > warned && dialog.open) dialog.close();
  };
  const tell = ({ idle, whole }) => tabs?.postMessage({ idle, whole });
  /** Other tabs and services use the session too: the server alone knows its end. */
  const ask = async () => {
    const answer = await fetch(dialog.dataset.askedAt).catch(() => null);
    const told = answer?.ok ? await answer.json() : null;
    if (told) learn(told);
    return told;
  };
  const warn = () => {
    const seconds = left();
    show(seconds <= 0 ? "over" : last ? "last" : "idle");
    if (seconds <= 0) over.textContent = over.dataset.over;
    if (!dialog.open && (seconds <= 0 || !closed)) {
      dialog.showModal();
      lastSaid = Infinity;
    }
    if (seconds <= 0) return;
    all("[data-left]").forEach((place) => (place.textContent = words(seconds)));
    if (lastSaid - seconds >= 30) {
      lastSaid = seconds;
      said.textContent = words(seconds);
    }
  };
  const watch = async () => {
    const news = !dialog.open && !closed;
    if (left() <= 0 || (left() <= warned && news)) await ask();
    if (left() <= warned) warn();
    if (left() > 0) setTimeout(watch, 1000);
  };
  const goOn = async () => {
    await fetch(dialog.dataset.keptBy, { redirect: "manual" }).catch(() => null);
    const told = await ask();
    if (told) tell(told);
  };
  const leave = () => {
    closed = last || left() <= 0;
    if (closed) dialog.close();
    else goOn();
  };
  tabs?.addEventListener("message", ({ data }) => left() > 0 && learn(data));
  all("[data-continue], [data-close]").forEach((button) => button.addEventListener("click", leave));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (left() > 0) leave();
  });
  learn(dialog.dataset);
  tell(dialog.dataset);
  watch();
}

/** A nervous second click must not send a form twice. */
function sendOnce(form) {
  let sentAt = -Infinity;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < 1500) return event.preventDefault();
    sentAt = event.timeStamp;
  });
}

document.body.append(announcer);
document.querySelectorAll("input[data-show]").forEach(addReveal);
document.querySelectorAll("input[data-live-rules]").forEach(followRules);
document.querySelectorAll("form").forEach(sendOnce);
document.querySelectorAll("#fin-de-session").forEach(watchSession);
document.querySelector("form[data-goes-on]")?.requestSubmit();
// A service that does not answer in its frame keeps nobody waiting.
setTimeout(() => document.querySelector("a[data-goes-on]")?.click(), 3000);
focusStart();
