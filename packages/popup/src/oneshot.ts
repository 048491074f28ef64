/** One connection on descriptors 0 and 1, as tcpserver hands it over (spec §6.1). */
import { nowSeconds } from '@yabumi/dates'
import { popSilenceSeconds } from '@yabumi/limits'
import { Client } from './client.ts'
import { logIn } from './login.ts'
import { runSubprogram, type Subprogram } from './subprogram.ts'

/** Serve the connection. Exit code 1 whatever happened, as in qmail. */
export async function serveDescriptors(hostName: string, program: Subprogram): Promise<never> {
  const client = new Client(0, 1, popSilenceSeconds)
  const challenge = `<${process.pid}.${nowSeconds()}@${hostName}>`
  const credentials = await logIn(client, challenge)
  client.release()
  if (credentials !== undefined) {
    const { trouble } = await runSubprogram(program, [0, 1], credentials, challenge)
    if (trouble !== undefined) await client.say(trouble)
  }
  process.exit(1)
}
