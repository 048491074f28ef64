/** Programs that are another program under another name, or with arguments of their own in front (spec §8.2, §8.3). */
export { become } from './become.ts'
export { readMail } from './readmail.ts'
