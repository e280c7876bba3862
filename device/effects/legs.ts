import type { IceServer } from "#audio/protocol.ts";
import type { GuestCallEffect, OwnCallEffect } from "../call/states.ts";
import type { Ports } from "../ports.ts";
import type { Post } from "./post.ts";

export type GuestLegEffect = Extract<
  GuestCallEffect,
  { type: "answer-leg" | "complete-leg" | "send-accept" | "answer-renewal" | "complete-renewal" | "send-renewed" }
>;
export type OwnLegEffect = Extract<
  OwnCallEffect,
  { type: "offer-leg" | "renew-leg" | "close-leg" | "send-offer" | "send-renewal" | "send-end" }
>;

/** What is done with a call's leg, and what is sent about it. Whether a pass stands behind it was asked before. */
export class LegEffects {
  readonly #ports: Pick<Ports, "ears" | "network">;
  readonly #post: Post | null;

  constructor(ports: Pick<Ports, "ears" | "network">, post: Post | null) {
    this.#ports = ports;
    this.#post = post;
  }

  runGuest(effect: GuestLegEffect): void {
    const { ears } = this.#ports;
    const { id: leg } = effect;
    switch (effect.type) {
      case "answer-leg":
        ears.send({ type: "answer-leg", leg, ...effect.side, iceServers: this.#iceServers() });
        break;
      case "complete-leg":
        ears.send({ type: "complete-leg", leg, ...effect.side });
        break;
      case "send-accept": {
        const body = { ...effect.side, offer: leg, offerHash: effect.hash };
        this.#post?.send(effect.to, { kind: "call.accept", body });
        break;
      }
      case "answer-renewal": {
        const { round, side } = effect;
        ears.send({ type: "answer-renewal", leg, round, ...side, iceServers: this.#iceServers() });
        break;
      }
      case "complete-renewal":
        ears.send({ type: "complete-renewal", leg, round: effect.round, ...effect.side });
        break;
      case "send-renewed": {
        const body = { ...effect.side, offer: leg, renewalHash: effect.hash };
        this.#post?.send(effect.to, { kind: "call.renewed", body });
        break;
      }
    }
  }

  runOwn(effect: OwnLegEffect): void {
    const { ears } = this.#ports;
    const { id: leg } = effect;
    switch (effect.type) {
      case "offer-leg":
        ears.send({ type: "offer-leg", leg, iceServers: this.#iceServers() });
        break;
      case "renew-leg":
        ears.send({ type: "renew-leg", leg, round: effect.round, iceServers: this.#iceServers() });
        break;
      case "close-leg":
        ears.send({ type: "close-leg", leg });
        break;
      case "send-offer":
        this.#post?.send(effect.to, { kind: "call.offer", body: effect.side }, leg);
        break;
      case "send-renewal": {
        const body = { ...effect.side, offer: leg, round: effect.round };
        this.#post?.send(effect.to, { kind: "call.renewal", body });
        break;
      }
      case "send-end":
        this.#post?.send(effect.to, { kind: "call.end", body: { offer: leg } });
        break;
    }
  }

  #iceServers(): IceServer[] {
    return this.#ports.network?.link.turn() ?? [];
  }
}
