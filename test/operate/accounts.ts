/** The accounts of the page of installation, each tried by itself (support/accounttable.ts), in name spaces where there are any. */
import { join } from 'node:path'
import { runInOwnEtc } from './support/ownetc.ts'

process.exitCode = runInOwnEtc(join(import.meta.dirname, 'support/accounttable.ts'))
