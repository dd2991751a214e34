// Regular expressions as Apache Kafka's coordinator takes them: each line on standard input is an expression and a name, both in base64 and
// parted by a blank; out goes `true`, `false`, or `invalid`.
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

public class MatchRegex {
  static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  static String judged(String regex, String name) {
    try {
      return String.valueOf(Pattern.compile(regex).matcher(name).matches());
    } catch (PatternSyntaxException e) {
      return "invalid";
    }
  }

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    StringBuilder out = new StringBuilder();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      out.append(judged(text(words[0]), text(words[1]))).append('\n');
    }
    System.out.print(out);
  }
}
