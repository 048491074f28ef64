/**
 * qreceipt: answer the request for a notice of delivery, if the message has one. README.md is the manual page.
 *
 * In      descriptor 0: the message; SENDER from local
 * Out     queue (package enqueue): the notice, with an empty sender, so that it can cause neither a bounce nor a notice
 */
import { byteArguments, byteEnvironment, runTool, UsageTrouble } from '@yabumi/commandline'
import { sendNotice } from './notice.ts'
import { readRequest } from './request.ts'

void runTool('qreceipt', async () => {
  const [address] = byteArguments()
  const sender = byteEnvironment().get('SENDER')
  if (address === undefined || sender === undefined) throw new UsageTrouble('qreceipt deliveryaddress')
  const { isWanted, messageId } = await readRequest(address)
  const isBounce = sender === '' || sender === '#@[]'
  if (isWanted && !isBounce) await sendNotice(sender, address, messageId)
  return 0
})
