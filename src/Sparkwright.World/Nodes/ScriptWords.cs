using System.Text;

namespace Sparkwright.World.Nodes;

/// <summary>The words of a container's small script: lines end at <c>;</c> or a line break, their commands at <c>&amp;&amp;</c>, and quotes hold together.</summary>
internal static class ScriptWords
{
    /// <param name="variable">The value that stands for <c>$NAME</c> and <c>${NAME}</c>.</param>
    /// <returns>The lines, each a list of commands, each a list of words; none is empty.</returns>
    public static List<List<string[]>> Read(string script, Func<string, string> variable)
    {
        var (lines, commands, words) = (new List<List<string[]>>(), new List<string[]>(), new List<string>());
        var (word, inWord, quote) = (new StringBuilder(), false, '\0');
        for (var at = 0; at < script.Length; at++)
        {
            var letter = script[at];
            switch (letter)
            {
                case '\'' or '"' when quote == '\0':
                    (quote, inWord) = (letter, true);
                    break;
                case '\'' or '"' when quote == letter:
                    quote = '\0';
                    break;
                case '$' when quote != '\'' && NameAt(script, at + 1) is { Length: > 0 } name:
                    word.Append(variable(name));
                    inWord = true;
                    at += script[at + 1] == '{' ? name.Length + 2 : name.Length;
                    break;
                case '\\' when quote != '\'' && at + 1 < script.Length && (quote == '\0' || script[at + 1] is '"' or '\\' or '$'):
                    word.Append(script[++at]);
                    inWord = true;
                    break;
                case ' ' or '\t' when quote == '\0':
                    EndWord();
                    break;
                case ';' or '\n' when quote == '\0':
                    EndLine();
                    break;
                case '&' when quote == '\0' && at + 1 < script.Length && script[at + 1] == '&':
                    EndCommand();
                    at++;
                    break;
                default:
                    word.Append(letter);
                    inWord = true;
                    break;
            }
        }

        EndLine();
        return lines;

        void EndWord()
        {
            if (inWord)
            {
                words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }

        void EndCommand()
        {
            EndWord();
            if (words.Count > 0)
            {
                commands.Add([.. words]);
                words.Clear();
            }
        }

        void EndLine()
        {
            EndCommand();
            if (commands.Count > 0)
            {
                lines.Add(commands);
                commands = [];
            }
        }
    }

    private static string NameAt(string script, int at)
    {
        var from = at < script.Length && script[at] == '{' ? at + 1 : at;
        var end = from;
        while (end < script.Length && (char.IsAsciiLetterOrDigit(script[end]) || script[end] == '_'))
        {
            end++;
        }

        return from == at || (end < script.Length && script[end] == '}') ? script[from..end] : "";
    }
}
