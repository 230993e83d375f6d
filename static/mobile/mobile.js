// Installs what shows the offline page; the app works without it.
"use strict";

navigator.serviceWorker?.register("/app/service-worker.js", { scope: "/app" });
