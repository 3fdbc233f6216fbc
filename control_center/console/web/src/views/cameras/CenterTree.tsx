import { Button } from "react-aria-components/Button";
import { Collection } from "react-aria-components/Collection";
import { Tree, TreeItem, TreeItemContent } from "react-aria-components/Tree";
import { useTranslation } from "react-i18next";
import type { Camera } from "../../api/types";
import { count } from "../../ui/format";
import { ChevronIcon } from "../../ui/icons";
import { type Branch, isFaulty } from "./register";

type Props = {
  branches: Branch[];
  cameras: Camera[];
  chosen: string | null;
  onChoose: (centerId: string | null) => void;
};

const ALL = "all";

/** The centers with the cameras of each and of all below it; whoever chooses one sees only these. */
export function CenterTree({ branches, cameras, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  return (
    <Tree
      // What stands open at first is decided when the centers are known.
      key={branches.map(({ id }) => id).join(" ")}
      className="center-tree"
      aria-label={t("register.centers")}
      selectionMode="single"
      selectionBehavior="replace"
      disallowEmptySelection
      selectedKeys={[chosen ?? ALL]}
      onSelectionChange={(keys) => {
        const [key] = keys === "all" ? [] : [...keys];
        onChoose(key === undefined || key === ALL ? null : String(key));
      }}
      defaultExpandedKeys={branches.map(({ id }) => id)}
      data-testid="center-tree"
    >
      <TreeItem id={ALL} className="center-branch" textValue={t("register.all")}>
        <TreeItemContent>
          <span className="center-twist" />
          <span className="center-name">{t("register.all")}</span>
          <Figures total={cameras.length} faulty={cameras.filter(isFaulty).length} />
        </TreeItemContent>
      </TreeItem>
      <Collection items={branches}>{twig}</Collection>
    </Tree>
  );
}

function twig(branch: Branch) {
  return (
    <TreeItem id={branch.id} className="center-branch" textValue={branch.center.name}>
      <TreeItemContent>
        {({ hasChildItems }) => (
          <>
            <span className="center-twist">
              {hasChildItems ? (
                <Button slot="chevron">
                  <ChevronIcon />
                </Button>
              ) : null}
            </span>
            <span className="center-name">{branch.center.name}</span>
            <Figures total={branch.total} faulty={branch.faulty} />
          </>
        )}
      </TreeItemContent>
      <Collection items={branch.children}>{twig}</Collection>
    </TreeItem>
  );
}

function Figures({ total, faulty }: { total: number; faulty: number }) {
  const { t } = useTranslation();
  const [all, bad] = [count(total), count(faulty)];
  return (
    <span className="center-figures" title={t("register.figures", { total: all, faulty: bad })}>
      {faulty > 0 ? <b className="center-faulty">{bad}</b> : null}
      <span className="quiet">{all}</span>
    </span>
  );
}
