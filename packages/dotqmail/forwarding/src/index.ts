/** Hand the message on descriptor 0 to queue for new recipients (spec §8.4). */
export { sendOn } from './sendon.ts'
