/** Signing in with a name and password, or with a token. */

import { Problem, api } from "../network/api";
import type { User } from "../network/contract";
import { h } from "./dom";

/** Shows the form; resolves with who signed in. */
export function login(root: HTMLElement): Promise<User> {
  return new Promise((resolve) => {
    const name = h("input", {
      name: "name",
      autocomplete: "username",
      required: true,
      autofocus: true,
    });
    const password = h("input", {
      name: "password",
      type: "password",
      autocomplete: "current-password",
      required: true,
    });
    const token = h("input", { name: "token", type: "password", autocomplete: "off" });
    const problem = h("p", { class: "problem", role: "alert" });
    const attempt = async (request: Promise<{ readonly user: User }>): Promise<void> => {
      try {
        resolve((await request).user);
      } catch (error) {
        problem.textContent =
          error instanceof Problem && error.status === 401
            ? "Name and password, or the token, do not fit."
            : error instanceof Error
              ? error.message
              : String(error);
      }
    };
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      void attempt(api.login(name.value, password.value));
    };
    const submitToken = (event: SubmitEvent): void => {
      event.preventDefault();
      void attempt(api.loginToken(token.value.trim()));
    };
    root.replaceChildren(
      h(
        "div",
        { class: "login" },
        h("img", { src: "./icon.svg", alt: "", width: 48, height: 48 }),
        h("h1", {}, "Partworks review"),
        h(
          "form",
          { submit },
          h("label", {}, "Name", name),
          h("label", {}, "Password", password),
          h("button", { class: "primary" }, "Sign in"),
        ),
        h(
          "details",
          {},
          h("summary", {}, "Sign in with a token"),
          h(
            "form",
            { submit: submitToken },
            h("label", {}, "Token", token),
            h("button", {}, "Sign in"),
          ),
        ),
        problem,
      ),
    );
    name.focus();
  });
}

/** Exchanges a token in the address for a session and takes it out of the address and history. */
export async function loginFromAddress(): Promise<User | null> {
  const address = new URL(location.href);
  const token = address.searchParams.get("token");
  if (token === null) return null;
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  try {
    return (await api.loginToken(token)).user;
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}
