/**
 * The Sender Rewriting Scheme: a forwarded message leaves with a sender of our own domain, in which the true one is
 * packed and signed. So the next host's look at SPF finds us, and a bounce finds its way back through us.
 *
 * The forms and the signature are those of the SRS draft and of libsrs2 and Mail::SRS, with `=` after SRS0 and SRS1. So
 * secrets can be shared with hosts that run them.
 */
export { packSender, unpackAddress } from './address.ts'
export { readSrs, type Srs } from './settings.ts'
