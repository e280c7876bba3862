import type { Clock } from "#base/clock.ts";
import type { Certificate } from "#device/keys/certificate.ts";
import { verifyToken } from "#device/keys/token.ts";
import type { Accounts } from "./accounts.ts";

/** Says whose unit presents a token; null for everybody who has no business here. */
export type Admit = (token: string) => Promise<Certificate | null>;

/** A token admits a unit that is enrolled and whose certificate is not older than the one published. */
export function admission(hubName: string, accounts: Accounts, clock: Clock): Admit {
  return async (token) => {
    const result = await verifyToken(token, hubName, clock.nowMs());
    if (!result.ok) return null;
    const { certificate, certificateBytes } = result;
    switch (accounts.standing(certificate, certificateBytes)) {
      case "current":
        return certificate;
      case "newer":
        await accounts.publish(certificate, certificateBytes);
        return certificate;
      case "older":
      case "unknown":
        return null;
    }
  };
}
