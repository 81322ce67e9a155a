/** PEM, for servers that ask for a certificate; fits the options of Node's TLS. */
export interface ShownCertificate {
  readonly cert: string;
  readonly key: string;
}
