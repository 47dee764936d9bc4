// What is nicer with script. Every page works without it: links, forms, popovers and dialogs are the browser's own.
"use strict";

(() => {
  const each = (root, selector, act) => {
    if (root.matches?.(selector)) act(root);
    root.querySelectorAll(selector).forEach(act);
  };

  // Buttons that only script can serve are hidden until it runs.
  const wake = (root) => {
    each(root, ".copy, [data-reveal], [data-dismiss], [data-checks]", (el) => { el.hidden = false; });
    each(root, "[data-copy]", copier);
    each(root, "[data-toast]", (el) => {
      if (!el.classList.contains("toast-failed")) setTimeout(() => el.remove(), 8000);
    });
  };

  // A list has fifty codes to copy: their buttons are made here, from the one the page brings, and not sent fifty times.
  const copier = (el) => {
    const button = document.getElementById("copier").content.firstElementChild.cloneNode(true);
    button.setAttribute("aria-label", `Copiar ${whole(el)}`);
    el.append(button);
    el.removeAttribute("data-copy");
  };

  // What is shown short has all of it as its title.
  const whole = (el) => {
    const code = el.querySelector("code");
    return code.title || code.textContent;
  };

  const copy = async (button) => {
    const text = whole(button.closest("figure, .id"));
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return; // no permission, or not https: the text can be selected by hand
    }
    button.dataset.copied = "";
    say("Copiado");
    setTimeout(() => delete button.dataset.copied, 1500);
  };

  const say = (text) => {
    const line = document.createElement("p");
    line.className = "visually-hidden";
    line.textContent = text;
    document.getElementById("toasts").append(line);
    setTimeout(() => line.remove(), 2000);
  };

  const reveal = (button) => {
    const input = document.getElementById(button.dataset.reveal);
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  };

  // One box for all of a form that bear a name; it is checked while they all are.
  document.addEventListener("change", (event) => {
    const label = event.target.form?.querySelector("[data-checks]");
    if (!label) return;
    const all = label.querySelector("input");
    const boxes = [...all.form.querySelectorAll(`input[name="${label.dataset.checks}"]`)];
    if (event.target === all) boxes.forEach((box) => { box.checked = all.checked; });
    else all.checked = boxes.every((box) => box.checked);
  });

  const size = (bytes) => {
    let amount = bytes, unit = 0;
    while (amount >= 1000 && unit < 3) { amount /= 1000; unit += 1; }
    return `${unit && amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${["B", "kB", "MB", "GB"][unit]}`;
  };

  const list = (drop) => {
    const chosen = drop.querySelector("[data-chosen]");
    const files = [...drop.querySelector("input[type=file]").files];
    chosen.hidden = files.length === 0;
    chosen.replaceChildren(...files.map((file) => {
      const line = document.createElement("li");
      const [name, weight] = [document.createElement("span"), document.createElement("span")];
      name.textContent = file.name;
      weight.textContent = size(file.size);
      line.append(name, weight);
      return line;
    }));
  };

  // Browsers without invoker commands get the same two commands from here.
  const command = (button) => {
    if ("command" in HTMLButtonElement.prototype) return;
    const dialog = document.getElementById(button.getAttribute("commandfor"));
    if (button.getAttribute("command") === "show-modal") dialog.showModal();
    if (button.getAttribute("command") === "close") dialog.close();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.matches(".copy")) copy(button);
    if (button.matches("[data-reveal]")) reveal(button);
    if (button.matches("[data-dismiss]")) button.closest("[data-toast]").remove();
    if (button.matches("[commandfor]")) command(button);
  });

  // A second click on a form that is on its way sends nothing twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-theme-form]")) return theme(event);
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    remember(document.activeElement);
    form.querySelectorAll("button[type=submit]").forEach((el) => el.setAttribute("aria-disabled", "true"));
    setTimeout(release, 5000, form); // the answer may be a download, after which the page stays
  });
  const release = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-disabled]").forEach((el) => el.removeAttribute("aria-disabled"));
  };
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

  const theme = (event) => {
    event.preventDefault();
    const form = event.target, chosen = event.submitter.value;
    document.documentElement.dataset.theme = chosen;
    form.querySelectorAll("button[name=tema]").forEach((el) => el.setAttribute("aria-pressed", String(el.value === chosen)));
    fetch(form.action, { method: "POST", body: new URLSearchParams({ tema: chosen }), redirect: "manual" });
  };

  document.addEventListener("change", (event) => {
    const drop = event.target.closest("[data-drop]");
    if (drop) list(drop);
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const drop = event.target.closest?.("[data-drop]");
      if (!drop) return;
      event.preventDefault();
      drop.toggleAttribute("data-over", kind === "dragover");
      if (kind !== "drop") return;
      const input = drop.querySelector("input[type=file]");
      const files = new DataTransfer();
      [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1).forEach((file) => files.items.add(file));
      input.files = files.files;
      list(drop);
    });
  }

  // A menu closes when the keyboard leaves it, so that it covers nothing that has the focus.
  document.addEventListener("focusin", (event) => {
    each(document, ":popover-open", (menu) => {
      if (!menu.contains(event.target) && event.target.popoverTargetElement !== menu) menu.hidePopover();
    });
  });

  // What has the focus keeps it when its part of the page draws itself anew, and when an act leads back to the page it
  // was done on. It is known by what it leads to, and its place among those that lead there; when it is gone, what opened
  // its dialog or the list it stood in has the focus, or else the page's content. A fault or an answer to be read first
  // says so itself.
  const mark = (el) => [
    el.tagName, ...["id", "href", "commandfor", "aria-label"].map((name) => el.getAttribute(name)),
    el.form && `${el.form.getAttribute("action")}?${new URLSearchParams(new FormData(el.form))}`,
  ].join("\n");
  const alike = (root, wanted) => [...root.querySelectorAll("a, button, summary, input, select, textarea, [tabindex]")]
    .filter((el) => el.checkVisibility() && mark(el) === wanted);
  const marks = (root, el) => {
    if (el === document.body || !root.contains(el)) return [];
    const opener = document.querySelector(`[command="show-modal"][commandfor="${el.closest("dialog")?.id}"]`);
    return [el, opener, el.closest("[tabindex]")].filter(Boolean).map((one) => [mark(one), alike(root, mark(one)).indexOf(one)]);
  };
  const refocus = (root, kept) => {
    const [found] = kept.flatMap(([wanted, place]) => alike(root, wanted)[place] ?? []);
    (found ?? document.getElementById("contenido")).focus({ preventScroll: true });
  };

  let kept = [];
  document.addEventListener("htmx:beforeSwap", ({ detail }) => { kept = marks(detail.target, document.activeElement); });
  document.addEventListener("htmx:afterSwap", (event) => {
    wake(event.target); // its buttons must be there before one of them can have the focus
    if (event.target.matches("[data-focus]")) event.target.focus();
    else if (kept.length && document.activeElement === document.body) refocus(event.target, kept);
    kept = [];
  });

  const remember = (el) => {
    const seen = el.matches(":focus-visible") ? marks(document, el) : [];
    sessionStorage.setItem("lugar", JSON.stringify([location.pathname, scrollY, seen]));
  };
  document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    if (detail.xhr.getResponseHeader("HX-Refresh")) remember(document.activeElement);
  });
  document.addEventListener("DOMContentLoaded", () => {
    wake(document.body);
    const [path, y, seen] = JSON.parse(sessionStorage.getItem("lugar") ?? "[]");
    sessionStorage.removeItem("lugar");
    if (path !== location.pathname || document.querySelector("[autofocus]")) return;
    scrollTo(0, y);
    if (seen.length) refocus(document, seen);
  });

  document.addEventListener("htmx:load", (event) => wake(event.detail.elt));
})();
