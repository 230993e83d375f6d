// What the console gains with JavaScript: a pasted token is hashed here, and only its digest is sent.
"use strict";

/** The first 16 bytes of the SHA-256, as the trail calls a token or a code. */
async function digestOf(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The field for a token has no name, so that no form sends it; it fills the one that is sent. */
function hashInto(field) {
  const token = field.querySelector("input");
  const identifier = document.getElementById(field.dataset.digestFor);
  if (!globalThis.crypto?.subtle) return;
  field.hidden = false;
  field.parentElement.querySelectorAll("[data-without-script]").forEach((each) => each.remove());
  token.addEventListener("input", async () => {
    const text = token.value.trim();
    const digest = text && (await digestOf(text));
    if (text !== token.value.trim()) return;
    identifier.value = digest;
    if (digest) announce(token.dataset.done);
  });
  addEventListener("pagehide", () => (token.value = ""));
}

document.querySelectorAll("[data-digest-for]").forEach(hashInto);
