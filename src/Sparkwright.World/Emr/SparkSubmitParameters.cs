using System.Text;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>What <c>sparkSubmitParameters</c> say: settings, and the main class.</summary>
public sealed record SparkSubmitParameters
{
    /// <summary>Options of spark-submit that stand for a setting.</summary>
    private static readonly (string Option, string Setting)[] Settings =
    [
        ("--name", "spark.app.name"), ("--jars", "spark.jars"), ("--py-files", "spark.submit.pyFiles"), ("--files", "spark.files"), ("--archives", "spark.archives"),
        ("--packages", "spark.jars.packages"), ("--repositories", "spark.jars.repositories"), ("--exclude-packages", "spark.jars.excludes"),
        ("--driver-memory", "spark.driver.memory"), ("--driver-cores", "spark.driver.cores"), ("--driver-java-options", "spark.driver.extraJavaOptions"),
        ("--driver-class-path", "spark.driver.extraClassPath"), ("--driver-library-path", "spark.driver.extraLibraryPath"),
        ("--executor-memory", "spark.executor.memory"), ("--executor-cores", "spark.executor.cores"), ("--num-executors", "spark.executor.instances"),
        ("--principal", "spark.kerberos.principal"), ("--keytab", "spark.kerberos.keytab"),
    ];

    /// <summary>Options with a value that EMR on EKS decides itself or that mean nothing there.</summary>
    private static readonly string[] Ignored = ["--master", "--deploy-mode", "--proxy-user", "--queue", "--total-executor-cores"];

    private static readonly string[] Flags = ["--verbose", "-v", "--supervise"];

    public static SparkSubmitParameters None { get; } = new();

    public SparkConf Conf { get; init; } = SparkConf.Empty;

    public string? MainClass { get; init; }

    /// <summary>Reads the parameters as spark-submit does; a later option beats an earlier one.</summary>
    /// <param name="problem">What spark-submit would refuse, in words.</param>
    public static SparkSubmitParameters Read(string text, out string? problem)
    {
        var result = None;
        problem = null;
        if (Split(text) is not { } words)
        {
            problem = "a quote is opened and not closed";
            return result;
        }

        var at = 0;
        while (at < words.Count)
        {
            var option = words[at++];
            if (Flags.Contains(option))
            {
                continue;
            }

            string? value = null;
            if (option.StartsWith("--", StringComparison.Ordinal) && option.IndexOf('=') is var equals and > 0)
            {
                (option, value) = (option[..equals], option[(equals + 1)..]);
            }

            var setting = Array.Find(Settings, known => known.Option == option).Setting;
            var isKnown = setting is not null || option is "--conf" or "-c" or "--class" or "--properties-file" || Ignored.Contains(option);
            if (!isKnown)
            {
                problem = option.StartsWith('-') ? $"unrecognized option '{option}'" : $"'{option}' stands alone; options of spark-submit begin with --";
                return result;
            }

            if (value is null && at >= words.Count)
            {
                problem = $"option '{option}' has no value";
                return result;
            }

            value ??= words[at++];
            if (option is "--conf" or "-c")
            {
                if (value.IndexOf('=') is var sign && sign <= 0)
                {
                    problem = $"--conf '{value}' is no setting; write key=value";
                    return result;
                }

                result = result with { Conf = result.Conf.With(value[..value.IndexOf('=')], value[(value.IndexOf('=') + 1)..]) };
            }
            else if (option == "--class")
            {
                result = result with { MainClass = value };
            }
            else if (setting is not null)
            {
                result = result with { Conf = result.Conf.With(setting, value) };
            }
        }

        return result;
    }

    /// <summary>Words as a shell cuts them: blanks part, quotes keep together, a backslash takes the next character as it is. Null: a quote stays open.</summary>
    private static List<string>? Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quote, inWord) = ('\0', false);
        for (var at = 0; at < text.Length; at++)
        {
            var character = text[at];
            if (character == '\\' && quote != '\'' && at + 1 < text.Length)
            {
                word.Append(text[++at]);
                inWord = true;
            }
            else if (quote != '\0')
            {
                if (character == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word.Append(character);
                }
            }
            else if (character is '"' or '\'')
            {
                (quote, inWord) = (character, true);
            }
            else if (char.IsWhiteSpace(character))
            {
                if (inWord)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(character);
                inWord = true;
            }
        }

        if (inWord)
        {
            words.Add(word.ToString());
        }

        return quote == '\0' ? words : null;
    }
}
