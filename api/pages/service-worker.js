// Keeps the files of the pages, so that they open without network. Answers of the API are never kept.
// The server writes `self.SHELL` above: the names of all files, and a version of them as a whole.

const { version, files, pages } = self.SHELL;
const CACHE = `sendalong-${version}`;

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const isOurs = origin === self.location.origin && event.request.method === "GET";
  if (isOurs && (files.includes(pathname) || pages.includes(pathname))) {
    event.respondWith(kept(pathname, event.request));
  }
});

// A phone wakes its pages up to send what was kept without network.
self.addEventListener("sync", (event) => {
  if (event.tag === "scans") event.waitUntil(wakePages());
});

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...files, ...pages].map((path) => new Request(path, { cache: "no-cache" })));
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("sendalong-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

async function wakePages() {
  for (const client of await self.clients.matchAll()) client.postMessage("send");
}
