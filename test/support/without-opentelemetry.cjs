// Preloaded into a server: as if npm had left out these optional dependencies. The API is there all the same, for prom-client.
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = function resolveOther(request, ...rest) {
  if (!/^@opentelemetry\/(?!api$)/.test(request)) return resolve.call(this, request, ...rest);
  throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' });
};
