/** The fixed workspace of all peers: they know no keys that could tell them another one. */
export const WORKSPACE_ID = '018f0000-0000-7000-8000-000000000001';

/** Connections of a peer that has a pool. */
export const POOL_SIZE = 20;

/**
 * Listens on a free port and tells the harness where, in the words that Fluxgate uses.
 * @param {import('node:http').Server} server
 */
export function listenAndTell(server) {
  server.listen(0, '127.0.0.1', () => {
    const address = /** @type {import('node:net').AddressInfo} */ (server.address());
    console.log(`listens on http://127.0.0.1:${address.port}`);
  });
}

/**
 * The JSON body of a request.
 * @param {import('node:http').IncomingMessage} request
 * @param {(body: any) => void} onBody
 */
export function readJson(request, onBody) {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () =>
    onBody(JSON.parse((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString())),
  );
}

/** @param {import('node:http').ServerResponse} response @param {string} json */
export function sendJsonText(response, json) {
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) })
    .end(json);
}
