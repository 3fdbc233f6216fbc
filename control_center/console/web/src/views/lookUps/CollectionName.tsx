import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { CollectionKind } from "../../api/lookUps";
import { boardQuery } from "../../api/queries";
import { titleOf } from "../records/titleOf";

type Props = { kind: CollectionKind; name: string };

/** A list and a database may bear the same title, so each says which it is. */
export function CollectionName({ kind, name }: Props) {
  const { t } = useTranslation();
  const board = useQuery(boardQuery).data;
  return t("lookUp.kindOf", { kind: t(`lookUp.${kind}`), title: titleOf(board, kind, name) });
}
