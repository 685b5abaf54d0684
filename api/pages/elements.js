// Makes and finds elements of the page; text is only ever set as text.

/** Returns a new element; a function among the attributes listens to the event of its name. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Shows one part of the page, hides the others, and lets readers of the screen begin there. */
export function showOnly(id) {
  for (const part of document.querySelectorAll("main > section[data-part]")) {
    part.hidden = part.id !== id;
  }
  byId(id).querySelector("h1")?.focus();
}
