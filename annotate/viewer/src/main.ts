/** Entry: who is there, and which page they want. */

import { CaptionsPage, isCaptions } from "./captions/page";
import { leadPage } from "./lead/page";
import { api } from "./network/api";
import { Backlog } from "./network/backlog";
import type { User } from "./network/contract";
import { h } from "./panels/dom";
import { login, loginFromAddress } from "./panels/login";
import { Desk } from "./review/desk";
import { listen } from "./review/keyboard";
import { type Port, port } from "./review/port";

declare global {
  interface Window {
    app?: Port;
  }
}

async function whoIsThere(root: HTMLElement): Promise<User> {
  const arrived = await loginFromAddress();
  if (arrived) return arrived;
  const { user } = await api.session();
  return user ?? (await login(root));
}

async function showReview(root: HTMLElement, user: User): Promise<() => void> {
  const backlog = await Backlog.open();
  const logout = async (): Promise<void> => {
    if (!((await desk.session?.outbox.flush()) ?? true)) {
      desk.page.toasts.show("Not everything is saved yet; stay until it is.");
      return;
    }
    await api.logout();
    location.reload();
  };
  const desk = new Desk(root, user, backlog, () => void logout());
  const stop = listen(desk);
  window.app = port(desk);
  void desk.next();
  return () => {
    stop();
    void desk.session?.outbox.flush();
    desk.putAway();
    desk.stage.dispose();
    delete window.app;
  };
}

async function start(): Promise<void> {
  const root = document.getElementById("app");
  if (!root) throw new Error("The page has no place for the application.");
  const user = await whoIsThere(root);
  let leave = (): void => {};
  let captions: CaptionsPage | null = null;
  const route = async (): Promise<void> => {
    if (captions && isCaptions(location.hash)) return captions.follow();
    captions = null;
    leave();
    leave = (): void => {};
    const lead = location.hash.startsWith("#/lead") && user.role !== "reviewer";
    if (isCaptions(location.hash)) {
      const page = (captions = new CaptionsPage(root, user));
      leave = (): void => {
        page.leave();
      };
    } else if (lead) await leadPage(root, user);
    else leave = await showReview(root, user);
  };
  window.addEventListener("hashchange", () => {
    route().catch(showFatal);
  });
  await route();
}

function showFatal(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  const message = `Partworks review cannot go on: ${text} Reload the page to try again.`;
  document.body.replaceChildren(h("p", { class: "fatal", role: "alert" }, message));
}

start().catch(showFatal);
