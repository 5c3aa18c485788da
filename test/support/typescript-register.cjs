const { transformFileSync } = require('@swc/core');

/** Lets a child process of a test run our sources: node --require this file. */
require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file).code, file);
