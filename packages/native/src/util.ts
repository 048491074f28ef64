/** node:util for programs compiled ahead: Bun's own, when it is first wanted, which is when something went wrong. */
type Util = typeof import('node:util')

function util(): Util {
  return require('node:util')
}

export const getSystemErrorName: Util['getSystemErrorName'] = (errno) => util().getSystemErrorName(errno)
export const promisify = ((call: Parameters<Util['promisify']>[0]) => util().promisify(call)) as Util['promisify']
