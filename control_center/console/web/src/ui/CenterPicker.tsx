import { useQuery } from "@tanstack/react-query";
import { ListBoxItem } from "react-aria-components/ListBox";
import { useTranslation } from "react-i18next";
import { centersQuery } from "../api/identity";
import { asTree, type Found, matching } from "./centers";
import { Picker } from "./Picker";

type Props = {
  label: string;
  value: string | null;
  onChange: (centerId: string | null) => void;
  isCompact?: boolean;
  placeholder?: string;
  testId?: string;
};

/** A center out of the tree: typing narrows it by name or code, and what lies above a find stays in sight. */
export function CenterPicker({ value, ...rest }: Props) {
  const { t } = useTranslation();
  const nodes = asTree(useQuery(centersQuery).data ?? []);
  const chosen = nodes.find(({ center }) => center.id === value)?.center;
  return (
    <Picker {...rest} value={value} chosen={chosen?.name} narrowed={(typed) => matching(nodes, typed)}>
      {({ center, depth, isMatch }: Found) => (
        <ListBoxItem
          id={center.id}
          className="option option-center"
          textValue={center.name}
          isDisabled={!isMatch}
          data-depth={depth}
        >
          <span>{center.name}</span>
          <span className="option-note">{t(`level.${center.level}`)}</span>
        </ListBoxItem>
      )}
    </Picker>
  );
}
