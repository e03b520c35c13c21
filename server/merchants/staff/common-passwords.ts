/** The passwords of at least ten characters that lists of leaked ones begin with, in lower case, and those that a shop's staff would think of first. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `0000000000 0123456789 0987654321 1111111111 1122334455 1123581321 1234512345 123123123123 1234567890 12345678900 12345678910
  1234567891 12345678901 123456789012 1234567890123 123456789a 123456789q 12345qwert 123qweasdzxc 147258369a 1597534682 1q2w3e4r5t
  1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 2222222222 3333333333 5201314520 5555555555 6666666666 7777777777 8888888888 9876543210
  9999999999 aa12345678 aa123456789 aaaaaaaaaa abc1234567 abc123456789 abcd123456 abcd1234567 abcd12345678 abcdefghij admin12345
  admin123456 admin88888888 administrator alexander1 asd1234567 asdfasdfasdf asdfghjkl1 asdfghjkl; asdfghjkl123 basketball
  changeme123 chocolate1 christopher computer123 football123 iloveyou123 iloveyou1314 iloveyou520 letmein123 liverpool1
  manchester michael123 monkey12345 p@ssw0rd123 pass123456 password00 password01 password10 password11 password12 password123
  password1234 password12345 password123456 password99 password@123 passw0rd123 princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsx1234
  qazwsxedc123 qazwsxedcrfv qq123456789 qwe1234567 qwer123456 qwerasdfzxcv qwert12345 qwerty1234 qwerty12345 qwerty123456
  qwertyuiop qwertyuiop123 root123456 sunshine123 superman123 taobao123456 test123456 w123456789 wang123456 wechat123456
  weixin123456 welcome123 woaini1314 woaini5201314 woaini123456 woaiwojia123 z123456789 zhang123456 zxc1234567
  zxcvbnm123 zxcvbnm123456`.split(/\s+/),
);
