/** node:module for programs compiled ahead: Bun's own, when it is first wanted: for koffi, by the few programs that need it. */
type Module = typeof import('node:module')

export const createRequire: Module['createRequire'] = (from) => (require('node:module') as Module).createRequire(from)
