import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./i18n";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/shell.css";
import "./styles/alerts.css";
import "./styles/detail.css";
import "./styles/live.css";
import "./styles/board.css";
import "./styles/forms.css";
import "./styles/pages.css";
import "./styles/evidence.css";
import "./styles/lookUps.css";
import "./styles/cameras.css";
import "./styles/map.css";
import "./styles/repairs.css";
import "./styles/registering.css";
import "./styles/lock.css";
import "./styles/print.css";
import { App } from "./App";
import { createQueryClient, keys } from "./api/queries";
import { endSession } from "./shell/endSession";
import { showLocked } from "./shell/lock";
import { preferences } from "./shell/preferences";

// Before the first drawing, so that the page does not flash in the other theme.
document.documentElement.dataset["theme"] = preferences.get("theme") ?? "dark";

const client = createQueryClient({
  onSignedOut: () => endSession(client),
  onLocked: () => showLocked(client),
  onDoubt: () => void client.invalidateQueries({ queryKey: keys.session }),
});
const root = document.querySelector("#root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
