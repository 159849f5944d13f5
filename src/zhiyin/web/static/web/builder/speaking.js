// Texts by language, and the fixed wording that stands where a question has none.

import { begun } from "./begun.js";

export const firstLanguage = (survey) => survey.language ?? "en";

export const languagesOf = (survey) => [
  firstLanguage(survey),
  ...new Set((survey.languages ?? []).filter((code) => code !== firstLanguage(survey))),
];

export const spoken = (texts, survey) =>
  texts?.[firstLanguage(survey)] || Object.values(texts ?? {}).find(Boolean) || "";

export function fixedOf(question) {
  return begun.fixed[`${question.type} ${question.variant ?? 2}`] ?? null;
}

export function fixedText(question, key, survey, language = firstLanguage(survey)) {
  const texts = fixedOf(question)?.[key];
  if (!texts) return "";
  const text = texts[language] ?? texts.en ?? "";
  return text.replaceAll("{company}", survey.company?.[language] || spoken(survey.company, survey));
}

export const titleOf = (question, survey) =>
  spoken(question.title, survey) || fixedText(question, "title", survey);
