/** Encrypts Slack's tokens with KMS. The installation's id is the encryption context, so a token only decrypts as that of its installation. */
import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { PATIENT_LIMITS } from "#stores/request-limits";

class TokenCipher {
  constructor(
    private readonly client: KMSClient,
    private readonly keyArn: string,
  ) {}

  /** Returns the ciphertext in base64. */
  async encrypt(installation: string, token: string): Promise<string> {
    const { CiphertextBlob } = await this.client.send(
      new EncryptCommand({ KeyId: this.keyArn, Plaintext: Buffer.from(token), EncryptionContext: { installation } }),
    );
    return Buffer.from(CiphertextBlob!).toString("base64");
  }

  async decrypt(installation: string, ciphertext: string): Promise<string> {
    const { Plaintext } = await this.client.send(
      new DecryptCommand({ KeyId: this.keyArn, CiphertextBlob: Buffer.from(ciphertext, "base64"), EncryptionContext: { installation } }),
    );
    return Buffer.from(Plaintext!).toString();
  }
}

const createTokenCipher = (keyArn: string): TokenCipher =>
  new TokenCipher(new KMSClient({ maxAttempts: 3, requestHandler: PATIENT_LIMITS }), keyArn);

export { createTokenCipher, TokenCipher };
