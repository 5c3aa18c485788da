async function tearDown(): Promise<void> {
  await globalThis.testServer?.close();
}

export = tearDown;
