using System.Text;

namespace Sparkwright.World.Blueprint;

/// <summary>The blueprint that the program carries in itself, for jobs that lie nowhere near one.</summary>
public static class BuiltInBlueprint
{
    public const string FileName = "blueprint.yaml";

    private const string Prefix = "blueprint/";

    public static PlatformBlueprint Load() =>
        BlueprintReader.Read(FileName, ReadFile(FileName)!, ReadFile) is { Blueprint: { } read } ? read : throw new System.Diagnostics.UnreachableException();

    /// <summary>The text of a file of the blueprint; null when there is none.</summary>
    public static string? ReadFile(string path)
    {
        using var stream = typeof(BuiltInBlueprint).Assembly.GetManifestResourceStream(Prefix + path.Replace('\\', '/'));
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
