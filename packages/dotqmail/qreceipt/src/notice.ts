/** The notice that a message has been delivered (spec §8.4). */
import { quoteAddress } from '@yabumi/address'
import { openSubmission } from '@yabumi/enqueue'
import { Trouble } from '@yabumi/trouble'

/**
 * Send the notice to the sender of the message. Its From field shows its recipient, as qmail's does.
 *
 * @param messageId - the field of the message, with its line ends
 * @throws Trouble if queue does not take it
 */
export async function sendNotice(sender: string, address: string, messageId: string | undefined): Promise<void> {
  const shown = quoteAddress(sender).replace(/\n(?![ \t])/g, '\n ')
  const notice = [
    `From: DELIVERY NOTICE SYSTEM <${shown}>\n`,
    `To: <${shown}>\n`,
    'Subject: success notice\n\n',
    'Hi! This is the qreceipt program. Your message was delivered to the\n',
    `following address: ${address}. Thanks for asking.\n`,
    messageId === undefined ? '' : `Your ${messageId}`,
  ]
  const submission = openSubmission()
  submission.write(Buffer.from(notice.join(''), 'latin1'))
  const { verdict } = await submission.finish('', [sender])
  if (verdict === 'D') throw new Trouble('5.3.0', 'permanent qmail-queue error')
  if (verdict === 'Z') throw new Trouble('4.3.0', 'temporary qmail-queue error')
}
