using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Spark;

/// <summary>The settings of one application: names and texts, in ordinal order. Names that begin with <c>spark.</c> reach Spark.</summary>
public sealed class SparkConf
{
    private readonly ImmutableSortedDictionary<string, string> settings;

    private SparkConf(ImmutableSortedDictionary<string, string> settings) => this.settings = settings;

    public static SparkConf Empty { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    public IEnumerable<KeyValuePair<string, string>> Settings => settings;

    public static SparkConf Of(params ReadOnlySpan<(string Key, string Value)> settings)
    {
        var conf = Empty;
        foreach (var (key, value) in settings)
        {
            conf = conf.With(key, value);
        }

        return conf;
    }

    public static SparkConf From(TreeMap texts) =>
        new(Empty.settings.AddRange(texts.Members().Select(member => new KeyValuePair<string, string>(member.Key, member.Value.Text ?? member.Value.ToString()))));

    /// <summary>Reads a properties file: a setting a line, the name up to the first <c>=</c>, <c>:</c> or space; lines with <c>#</c> or <c>!</c> first are remarks.</summary>
    public static SparkConf FromProperties(string text)
    {
        var conf = Empty;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line[0] is not ('#' or '!')))
        {
            var end = line.AsSpan().IndexOfAny("=: \t");
            conf = end < 0 ? conf.With(line, "") : conf.With(line[..end], line[end..].TrimStart('=', ':', ' ', '\t'));
        }

        return conf;
    }

    public string? Get(string key) => settings.TryGetValue(key, out var value) ? value : null;

    public string Get(string key, string otherwise) => settings.GetValueOrDefault(key, otherwise);

    public bool Has(string key) => settings.ContainsKey(key);

    public SparkConf With(string key, string value) => new(settings.SetItem(key, value));

    /// <summary>This conf with every setting of the other one over it.</summary>
    public SparkConf Over(SparkConf other) => new(settings.SetItems(other.settings));

    public SparkConf WithDefault(string key, string value) => Has(key) ? this : With(key, value);

    /// <summary>The settings whose names begin with a prefix, without it.</summary>
    public IEnumerable<KeyValuePair<string, string>> Below(string prefix) => settings
        .Where(setting => setting.Key.Length > prefix.Length && setting.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(setting => new KeyValuePair<string, string>(setting.Key[prefix.Length..], setting.Value));

    public TreeMap ToTree() => TreeMap.OfTexts(settings);

    /// <summary>The settings as a properties file has them, a line each.</summary>
    public string ToProperties() => string.Concat(settings.Select(setting => $"{setting.Key}={setting.Value}\n"));

    /// <summary>Reads typed values and remembers the first that cannot be read.</summary>
    internal sealed class Reader(SparkConf conf)
    {
        /// <summary>What was wrong first: setting, value, what is allowed; null when all could be read.</summary>
        public string? Problem { get; private set; }

        public SparkConf Conf { get; } = conf;

        public long SizeMiB(string key, long otherwise) =>
            Read(key, otherwise, "a size in binary units such as 512m or 10g, without a fraction", static (string text, out long value) => ConfValues.TrySizeMiB(text, out value));

        public long Bytes(string key, long otherwise) =>
            Read(key, otherwise, "a size in binary units such as 4m or 128m, without a fraction", static (string text, out long value) => ConfValues.TrySize(text, 0, out value));

        public TimeSpan Time(string key, TimeSpan otherwise, TimeSpan unit) =>
            Read(key, otherwise, "a time such as 500ms, 1s or 10min", (string text, out TimeSpan value) => ConfValues.TryTime(text, unit, out value));

        public int Count(string key, int otherwise, int least = 0) =>
            Read(
                key,
                otherwise,
                $"a whole number of at least {least}",
                (string text, out int value) => int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least);

        public bool Flag(string key, bool otherwise) =>
            Read(key, otherwise, "true or false", static (string text, out bool value) => bool.TryParse(text.Trim(), out value));

        /// <summary>A factor; Spark reads and multiplies it in double precision, and so do we.</summary>
        public double? Factor(string key) =>
            Conf.Has(key)
                ? Read(
                    key,
                    0d,
                    "a number of at least 0, such as 0.1",
                    static (string text, out double value) => double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value >= 0)
                : null;

        /// <summary>A Kubernetes quantity, kept as it was written.</summary>
        public string? Quantity(string key) =>
            Conf.Has(key)
                ? Read<string?>(
                    key,
                    null,
                    "a Kubernetes quantity such as 1 or 500m",
                    static (string text, out string? value) =>
                    {
                        value = text.Trim();
                        return Kubernetes.Quantities.Quantity.TryParse(value, out _);
                    })
                : null;

        public void Refuse(string problem) => Problem ??= problem;

        private T Read<T>(string key, T otherwise, string allowed, Parser<T> parse)
        {
            if (Conf.Get(key) is not { } text)
            {
                return otherwise;
            }

            if (parse(text, out var value))
            {
                return value;
            }

            Refuse($"{key}: '{text}' is not allowed; give {allowed}");
            return otherwise;
        }

        private delegate bool Parser<T>(string text, out T value);
    }
}
