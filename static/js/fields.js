/* The fields of the form as values: what is sent, kept on the device and compared. */

const OURS = new Set(["csrf_token", "base", "uid", "copy", "seq", "taken", "kind"]); // not typed by anybody

/** Every field that people fill in, but files, by its name. */
export function values(form) {
  const all = {};
  for (const field of typedFields(form)) {
    if (field.type === "radio" && !field.checked) continue;
    all[field.name] = field.type === "checkbox" ? field.checked : field.value;
  }
  return all;
}

/** The names of those that are not as the page came. */
export function changed(form) {
  return [...new Set(typedFields(form).filter(isChanged).map((field) => field.name))];
}

export function fill(form, wanted) {
  for (const field of typedFields(form)) {
    if (!(field.name in wanted)) continue;
    const value = wanted[field.name];
    if (field.type === "checkbox") field.checked = value;
    else if (field.type === "radio") field.checked = field.value === value;
    else if (field.value !== value) field.value = value;
  }
}

/** Whether two values of a field mean the same to the server, which tidies lines, spaces and tags. */
export function same(name, one, other) {
  return meant(name, one) === meant(name, other);
}

/** What a person calls the field. */
export function label(form, name) {
  const field = form.elements.namedItem(name);
  const words = field instanceof RadioNodeList ? field[0].closest("fieldset")?.querySelector("legend") : field?.labels?.[0];
  return (words?.textContent ?? name).trim();
}

export function hidden(form, name) {
  return form.querySelector(`input[type="hidden"][name="${name}"]`)?.value ?? "";
}

/** Sets a hidden field, which is made where the page has none. */
export function setHidden(form, name, value) {
  let field = form.querySelector(`input[type="hidden"][name="${name}"]`);
  if (!field) {
    field = Object.assign(document.createElement("input"), { type: "hidden", name });
    form.append(field);
  }
  field.value = value;
}

function typedFields(form) {
  return [...form.elements].filter(
    (field) => field.name && !OURS.has(field.name) && !["file", "submit", "button", "fieldset"].includes(field.type),
  );
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((option) => option.selected && !isFirstChoice(field, option));
  return field.value !== field.defaultValue;
}

/** Whether the option is the one the page came with. */
function isFirstChoice(field, option) {
  return [...field.options].some((one) => one.defaultSelected) ? option.defaultSelected : option.index === 0;
}

function meant(name, value) {
  if (typeof value !== "string") return String(value);
  const lines = value.replace(/\r\n?/g, "\n").normalize();
  if (name === "tags") {
    const tags = lines.split(",").map((tag) => tag.trim().replace(/\s+/g, " ").toLowerCase());
    return [...new Set(tags.filter(Boolean))].sort().join(",");
  }
  if (name === "body") return lines;
  return lines.split(/\s+/).filter(Boolean).join(" ");
}
