/** quickstart, and the page that follows it, in name spaces where there are any (support/firstday.ts). */
import { join } from 'node:path'
import { runInOwnEtc } from './support/ownetc.ts'

process.exitCode = runInOwnEtc(join(import.meta.dirname, 'support/firstday.ts'))
