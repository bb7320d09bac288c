using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Tests;

/// <summary>Trees from text, for tests.</summary>
internal static class Yaml
{
    /// <summary>The first document of a text that is known to be good.</summary>
    public static Tree Read(string text)
    {
        var read = YamlReader.Read(text);
        Assert.Null(read.Error);
        return read.Documents[0].Root;
    }
}
