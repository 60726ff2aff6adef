export const nothing = "is declared";
