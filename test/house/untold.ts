import type { Untold } from "#device/store/untold.ts";

/** In memory; handed to the next brain, it is what the disk kept over a restart. */
export class FakeUntold implements Untold {
  loosened = 0;

  keep(loosened: number): void {
    this.loosened = loosened;
  }
}
